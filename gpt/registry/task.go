package registry

// A Task is what a model is wanted for, with the size of a typical job.
type Task struct {
	Name    string
	Prompt  int     // tokens read
	Answer  int     // tokens written; of train: tokens learnt from
	Seconds float64 // how long a person would wait for it
}

// Tasks are those that recommend knows. The sizes are typical of this program: a request with
// a few examples and its flow; a letter; a report of two pages cut down; a small fine-tuning.
var Tasks = []Task{
	{"plan", 600, 80, 10},
	{"write", 300, 500, 90},
	{"summarize", 3000, 300, 120},
	{"train", 0, 300_000, 4 * 3600},
}

// TaskOf is the task of a name; nil for none.
func TaskOf(name string) *Task {
	for i := range Tasks {
		if Tasks[i].Name == name {
			return &Tasks[i]
		}
	}
	return nil
}

// TaskNames lists their names.
func TaskNames() []string {
	var out []string
	for _, t := range Tasks {
		out = append(out, t.Name)
	}
	return out
}
