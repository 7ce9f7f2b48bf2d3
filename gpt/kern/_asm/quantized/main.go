// Command quantized writes the kernels of gpt/kern over quantized weights.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	kernels()
	Generate()
}
