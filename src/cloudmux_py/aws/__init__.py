"""Amazon Web Services; needs the optional extra ``aws``."""
