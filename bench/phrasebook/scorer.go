package main

import (
	_ "embed"

	"daiban/plan/score"
)

//go:embed signatures.txt
var signatures string

func scorer() *score.Scorer { return score.FromSignatures(score.ParseSignatures(signatures)) }
