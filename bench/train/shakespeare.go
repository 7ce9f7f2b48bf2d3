package main

func (b *bench) shakespeare() error { return nil }
