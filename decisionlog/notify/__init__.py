"""What leaves the house by itself: mail and outgoing webhooks."""
