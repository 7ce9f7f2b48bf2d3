package main

import (
	"path/filepath"
	"sync"

	"daiban/action"
	"daiban/gpt"
	"daiban/internal/completions"
	"daiban/words"
)

// speech is the language model of this machine that actions ask about texts, loaded when one first does.
type speech struct {
	mu     sync.Mutex
	engine *gpt.Engine
}

// words is the language model for texts: the API that --model or the settings name, reached by a run's network, else the
// built-in one.
func (a *app) words(n action.Network) (action.Words, error) {
	name := a.flags.model
	if name == "" {
		name = a.config.Model
	}
	if m, ok := a.config.LanguageModel(name); ok {
		e := completions.Endpoint{URL: m.URL, Model: m.Model, Client: words.Reach(n)}
		if m.Account != "" {
			e.Key = func() (string, error) { return a.modelKey(m) }
		}
		return &words.API{Name: m.Name, Endpoint: e}, nil
	}
	a.speech.mu.Lock()
	defer a.speech.mu.Unlock()
	if a.speech.engine == nil {
		path, ok := a.baseModel()
		if !ok {
			return nil, action.Needs("没有找到内置的语言模型：把它的文件（base-00001-of-….gguf）放进 %s，或放进 DAIBAN_MODELS 指的文件夹；也可以在设置 models 里写一个 API，再设 model",
				"the built-in language model is not here: put its files (base-00001-of-….gguf) into %s, or into the folder that DAIBAN_MODELS names; or name an API under models in the settings and choose it by model", filepath.Join(a.home, "models"))
		}
		e, err := gpt.Open(path, gpt.Options{Context: wordsContext, Sequences: 2})
		if err != nil {
			return nil, unreadable(path, err)
		}
		a.speech.engine = e
	}
	return &words.Local{Engine: a.speech.engine}, nil
}

// wordsContext is how many tokens a question about a text has at most, with its answer.
const wordsContext = 8192

// close gives the model's memory back.
func (s *speech) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.engine == nil {
		return nil
	}
	return s.engine.Close()
}

// baseModel is the file of the built-in model.
func (a *app) baseModel() (string, bool) {
	m, ok := a.shippedModels()
	return m.Base, ok
}
