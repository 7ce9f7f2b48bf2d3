package main

// kernels adds every function of this family to the context.
func kernels() {}
