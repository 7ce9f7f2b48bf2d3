// Package archtest holds who may import whom, with a reason for every row, and the test
// that keeps it so. ARCHITECTURE.md shows the same table; the test writes it there.
package archtest

// A Rule is what one package, or a folder of packages ("actions/*"), may import of ours.
type Rule struct {
	Package string
	What    string   // what it is, for the table
	May     []string // packages, or folders of packages
	Why     string   // why no more
}

// Rules is the import table, from the bottom up. The longest Package that fits counts.
var Rules = []Rule{
	{"internal/atomicfile", "small files of our own, written whole", nil,
		"it knows bytes"},
	{"internal/completions", "a language model behind an API is asked", nil,
		"it knows questions and answers"},
	{"flow", "the language: tree, types, values, parse, print, sentences", nil,
		"everyone's vocabulary: what it imported, everyone would import"},
	{"action", "what an action is: Spec, Define, Call, Set", []string{"flow"},
		"an action must not know who runs it, or it could not be previewed, resumed or run elsewhere"},
	{"action/actiontest", "runs the cases of actions on real files", []string{"flow", "action", "files", "network"},
		"cases run on the real view of files, and on nothing that plans or records"},
	{"actions", "All: the one list", []string{"flow", "action", "actions/*"},
		"it only joins the families"},
	{"actions/*", "a family of actions: a file an action", []string{"flow", "action", "actions/internal/*"},
		"families never import each other, so that each can be read, tested and taken out alone; never what plans, checks or runs them, so that content cannot reach these"},
	{"actions/internal/*", "what several families need: paths, encodings, texts of pages and mails, fonts", []string{"flow", "action", "actions/internal/*"},
		"it lies below every family"},
	{"files", "the file system as a run sees it: sandbox, staged changes, undo", []string{"flow", "action"},
		"the sandbox must not depend on what is kept in it"},
	{"network", "the network as a run sees it: hosts that may be reached", []string{"action"},
		"what may be reached must not depend on what reaches out"},
	{"queue", "the queues of this machine: items with a business key, in SQLite", []string{"flow", "action"},
		"a queue outlives the runs that fill and empty it"},
	{"vault", "secrets: an encrypted file, and their masks", []string{"action", "internal/atomicfile"},
		"secrets have one door, and know nothing of who uses them"},
	{"journal", "the append-only record in SQLite, with its hash chain", []string{"flow"},
		"the record must be readable and provable without the engine that wrote it"},
	{"check", "draft → Checked, or findings and questions", []string{"flow", "action"},
		"a check that could run something, or that knew the planner, would prove less"},
	{"run/machine", "a run's control as a pure function of events", []string{"flow"},
		"no clock, randomness, input or output: the same events give the same commands"},
	{"run", "Checked → effects: the local driver of the machine", []string{"flow", "action", "check", "files", "network", "journal", "run/*"},
		"it runs what check has made, whoever planned it, and never a plan itself"},
	{"plan", "request → draft flow, behind Planner", []string{"flow", "action"},
		"the planner sees the request and the catalogue, never files, records or settings"},
	{"plan/*", "the planners, and how flows are scored", []string{"flow", "action", "plan", "plan/*"},
		"the planner sees the request and the catalogue, never files, records or settings"},
	{"plan/remote", "the planner behind an API", []string{"flow", "plan", "internal/completions"},
		"it sends the request and the catalogue, and nothing else"},
	{"plan/flowgrammar", "the grammar of flows, under which a model decodes", []string{"flow", "action", "gpt/grammar", "plan", "plan/*"},
		"it knows the language, the catalogue and grammars, and nothing of models"},
	{"plan/model", "the planner by a language model on this machine", []string{"flow", "action", "gpt", "gpt/grammar", "plan", "plan/flowgrammar", "plan/near", "plan/origin"},
		"it knows the language and the model, and nothing of files, records or settings"},
	{"words", "the language model as actions see it: of this machine, or behind an API", []string{"action", "internal/completions", "gpt", "gpt/grammar", "gpt/token"},
		"it is asked about texts and gives texts: it knows neither flows nor who asks"},
	{"config", "the settings", []string{"flow", "action", "internal/atomicfile"},
		"settings are read once, by cmd, and handed to who needs them"},
	{"report", "what people and scripts see of a run", []string{"flow"},
		"a leaf: the same report can be made from a run, a check or a record"},
	{"data", "the known pairs of request and flow, embedded", nil,
		"data knows no code"},
	{"data/*", "tools that widen and pack the pairs", []string{"data", "flow", "action", "actions", "plan", "plan/*", "check"},
		"tools are not linked into the program"},
	{"gpt/quant", "block formats of weights", nil,
		"the bottom of the model"},
	{"gpt/weights", "files of weights: GGUF, safetensors", []string{"gpt/quant"},
		"a file knows no architecture"},
	{"gpt/token", "text to ids and back", []string{"gpt/weights"},
		"a tokenizer needs a file's metadata and no model"},
	{"gpt/kern", "kernels and the pool of threads", []string{"gpt/quant"},
		"a kernel knows arrays, not what they mean"},
	{"gpt/grammar", "what may come next, as a mask over tokens", nil,
		"a grammar knows bytes, not who chooses among them"},
	{"gpt/model", "the transformer: forward and backward", []string{"gpt/kern", "gpt/quant", "gpt/weights"},
		"it computes with ids; text, sampling and files of text are others'"},
	{"gpt/machine", "what a model needs of a computer, measured", []string{"gpt/kern", "gpt/quant"},
		"it measures with the kernels that will run"},
	{"gpt/shipped", "where the weights that come with the program lie", nil,
		"it knows folders, and opens no model"},
	{"gpt/registry", "the models that there are", []string{"gpt/machine", "gpt/quant"},
		"it knows files and figures, and opens no model"},
	{"gpt", "the language model's engine", []string{"gpt/quant", "gpt/weights", "gpt/token", "gpt/kern", "gpt/grammar", "gpt/model"},
		"the model is a library: it knows nothing of flows"},
	{"gpt/openai", "OpenAI's API over an engine", []string{"gpt", "gpt/grammar", "gpt/token"},
		"the model is a library: it knows nothing of flows"},
	{"gpt/train", "training", []string{"gpt", "gpt/*"},
		"the model is a library: it knows nothing of flows"},
	{"gpt/train/*", "parts of training that stand alone", []string{"gpt/*"},
		"the model is a library: it knows nothing of flows"},
	{"bench", "figures, measured side by side", []string{"*"},
		"not linked into the program"},
	{"bench/*", "figures, measured side by side", []string{"*"},
		"not linked into the program"},
	{"cmd/*", "the binary: main wires by hand", []string{"*"},
		"the only place where everything meets"},
	{"internal/docgen", "writes docs/actions from the catalogue", []string{"flow", "action", "actions"},
		"a tool: not linked into the program"},
	{"internal/archtest", "this table", nil,
		"it reads the code, it does not use it"},
	{"models/*", "tools that make what the models that ship learn from", []string{"data", "flow", "actions", "gpt/train/augment", "plan/*"},
		"tools are not linked into the program"},
	{"docs/*", "tools that write the documentation", []string{"*"},
		"not linked into the program"},
	{"examples/*", "the example tasks", []string{"*"},
		"not linked into the program"},
}

// An Owner says in which of our packages, or folders of them, a library may be imported.
type Owner struct {
	Library string // a prefix of import paths
	In      []string
	Why     string
}

// Owners is the libraries that stay behind one package, so that they can be replaced there.
var Owners = []Owner{
	{"go.starlark.net", []string{"flow"}, "the syntax of flows has one door"},
	{"github.com/cockroachdb/apd", []string{"flow"}, "numbers are flow.Number everywhere else"},
	{"modernc.org/sqlite", []string{"journal", "queue", "actions/sql/internal/db"}, "one driver for the record; databases of others are the sql family's"},
	{"github.com/jackc/pgx", []string{"actions/sql/internal/db"}, "databases are reached in one place"},
	{"github.com/go-sql-driver/mysql", []string{"actions/sql/internal/db"}, "databases are reached in one place"},
	{"github.com/microsoft/go-mssqldb", []string{"actions/sql/internal/db"}, "databases are reached in one place"},
	{"github.com/xuri/excelize", []string{"actions/*"}, "workbooks are tables everywhere else"},
	{"github.com/klippa-app/go-pdfium", []string{"actions/pdf", "actions/pdf/*"}, "untrusted PDFs are read in one place, in a sandbox"},
	{"github.com/tetratelabs/wazero", []string{"actions/pdf", "actions/pdf/*"}, "the sandbox of PDFs"},
	{"github.com/pdfcpu/pdfcpu", []string{"actions/*"}, "PDFs are changed by actions alone"},
	{"github.com/wneessen/go-mail", []string{"actions/mail"}, "mail leaves in one place"},
	{"github.com/emersion/go-imap", []string{"actions/mail"}, "mailboxes are read in one place"},
	{"github.com/emersion/go-message", []string{"actions/internal/letter"}, "mails as they are sent are read in one place"},
	{"github.com/chromedp", []string{"actions/web/internal/browser"}, "pages are read and driven behind one interface"},
	{"github.com/spf13/cobra", []string{"cmd/*"}, "the command line is cmd's"},
	{"github.com/vbauerster/mpb", []string{"report"}, "progress is drawn in one place"},
	{"go.yaml.in/yaml", []string{"config"}, "settings are read in one place"},
	{"filippo.io/age", []string{"vault"}, "secrets are encrypted in one place"},
	{"github.com/zalando/go-keyring", []string{"vault"}, "the system's keyring has one door"},
	{"go.temporal.io", []string{"temporal"}, "a driver among others"},
}

// A Ban is what one package must not import or call, ours or not.
type Ban struct {
	Package string
	Imports []string // import paths; ending in a slash, all below
	Calls   []string // pkg.Name
	Why     string
}

var clock = []string{"time.Now", "time.Since", "time.Until", "time.After", "time.AfterFunc", "time.Sleep", "time.Tick", "time.NewTimer", "time.NewTicker"}

// Bans is what must stay out of the pure parts.
var Bans = []Ban{
	{"run/machine", []string{"os", "os/", "io", "io/", "net", "net/", "math/rand", "math/rand/v2", "crypto/rand", "database/", "sync", "sync/", "context", "syscall", "log", "log/", "unsafe"}, clock,
		"the machine has no clock, no randomness and no input or output: a run resumes by replaying its events"},
	{"flow", []string{"os", "os/", "io/fs", "net", "net/", "math/rand", "math/rand/v2", "crypto/rand", "database/", "syscall", "log", "log/"}, clock,
		"expressions are pure: today() is the time of the step, given from outside"},
	{"check", []string{"os", "os/", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "database/", "syscall"}, clock,
		"a check looks at the world through its Env alone, so that it proves the same for the same"},
	{"report", []string{"net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "database/"}, []string{"time.Now", "time.Since"},
		"a report says what it is given"},
}

// NamesBanned is names that say nothing of what a package holds.
var NamesBanned = []string{"util", "utils", "common", "helper", "helpers", "types", "base", "misc", "shared", "lib"}

// Inits is the files that may have an init, and why; generated files may too.
var Inits = map[string]string{
	"plan/phrasebook/ops_data.go": "a map of functions that refer to the map",
}
