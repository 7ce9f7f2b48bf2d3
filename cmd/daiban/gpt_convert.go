package main

import (
	"github.com/spf13/cobra"

	"daiban/action"
)

func (a *app) convertCommand() *cobra.Command {
	return &cobra.Command{Use: "convert", RunE: func(*cobra.Command, []string) error { return action.Refused("x", "x") }}
}
