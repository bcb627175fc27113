"""Throughput and latency over HTTP, beside what the same machine could do at best.

`python -m benchmarks.http` starts gunicorn as deployed, with 1,000 decisions, and asks in turns the
product, a bare Flask view that returns the same bytes prebuilt, and raw SQL plus json.
"""
