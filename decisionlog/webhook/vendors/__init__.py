"""Meeting tools that post transcripts in a shape of their own. A new one is a file and a line."""

from decisionlog.webhook.vendors import circleback, fathom

VENDORS = {vendor.name: vendor for vendor in (fathom.VENDOR, circleback.VENDOR)}
