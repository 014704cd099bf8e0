"""Billing words, the same for every cloud."""

PREPAID = "prepaid"
POSTPAID = "postpaid"
