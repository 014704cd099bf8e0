"""Tools of those who develop this; nothing of it is installed."""
