package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/flow"
	"daiban/queue"
)

// queuesShown is how many items of a queue are listed.
const queuesShown = 100

func (a *app) queueCommand() *cobra.Command {
	return &cobra.Command{Use: "queues [NAME]", Short: "the queues and how full they are; of one, its items",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("daiban queues：最多一个队列的名称", "daiban queues: at most the name of one queue")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.open(); err != nil {
				return err
			}
			if len(args) == 1 {
				return a.queueItems(cmd.Context(), args[0])
			}
			return a.queueList(cmd.Context())
		}}
}

func (a *app) queueList(ctx context.Context) error {
	list, err := a.queues.List(ctx)
	if err != nil {
		return err
	}
	if a.flags.json {
		return json.NewEncoder(a.out).Encode(append([]queue.State{}, list...))
	}
	lang := a.tongue()
	for _, s := range list {
		fmt.Fprintf(a.out, "%s  %s\n", s.Queue, say(lang, fmt.Sprintf("等着 %d，取走 %d", s.Waiting, s.Taken), fmt.Sprintf("%d waiting, %d taken", s.Waiting, s.Taken)))
	}
	return nil
}

func (a *app) queueItems(ctx context.Context, name string) error {
	items, err := a.queues.Items(ctx, name, queuesShown)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		list, err := a.queues.List(ctx)
		if err != nil {
			return err
		}
		var names []string
		for _, s := range list {
			names = append(names, s.Queue)
		}
		return action.Missing("没有队列 %s%s", "there is no queue %s%s", name, nearNames(flow.Nearest(name, names)))
	}
	if a.flags.json {
		return json.NewEncoder(a.out).Encode(items)
	}
	lang := a.tongue()
	for _, k := range items {
		state := say(lang, "等着，", "waiting since ") + k.Added.Local().Format(time.DateTime)
		if k.Taken != nil {
			state = say(lang, "取走，", "taken ") + k.Taken.Local().Format(time.DateTime)
		}
		fmt.Fprintf(a.out, "%s  %s  %s\n", k.Key, state, a.mask.Text(k.Item.String()))
	}
	return nil
}

// nearNames is the part of a message that offers names.
type nearNames []string

// Name is what the message in lang says of them.
func (n nearNames) Name(lang string) string {
	if len(n) == 0 {
		return ""
	}
	return say(lang, "；相近的有：", "; near it: ") + fmt.Sprint([]string(n))
}
