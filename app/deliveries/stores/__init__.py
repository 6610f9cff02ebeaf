"""Each kind of store, with the one function that brings a release there: whole, checked, and as often as one
likes."""
