"""What others write, read by us: mutated at random, short here, long and led by coverage with `make fuzz`."""
