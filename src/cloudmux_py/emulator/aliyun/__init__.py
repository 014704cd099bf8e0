"""Alibaba Cloud's wire: RPC and ROA."""
