"""Tencent Cloud's wire: API 3.0."""
