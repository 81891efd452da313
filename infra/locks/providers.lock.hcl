# unresolved: the hashes of the providers have not been looked up yet, and none is made up.
# Real environments are refused until they are: run "./cogni providers lock" where the Terraform registry can be
# reached, and commit this file. The sandbox does not need it.
