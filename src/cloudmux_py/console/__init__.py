"""What both programs share: output, exit codes, options that stand anywhere, commands that load when they run."""
