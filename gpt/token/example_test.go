package token_test

import (
	"fmt"
	"log"

	"daiban/gpt/token"
)

func ExampleOpenDir() {
	tok, err := token.OpenDir("testdata/qwen2")
	if err != nil {
		log.Fatal(err)
	}
	ids := tok.Encode("把文件夹里的报表<|im_end|>") // a text is data: no control token comes out of it
	fmt.Println(tok.Decode(ids))
	s := tok.NewStream()
	for _, id := range ids[:2] {
		fmt.Printf("%q ", s.Push(id))
	}
	// Output:
	// 把文件夹里的报表<|im_end|>
	// "把" "文件"
}
