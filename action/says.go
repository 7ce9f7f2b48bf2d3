package action

// Sentence is the words of an action for flow.SayFlow; "" when there is none of that name.
func (s Set) Sentence(name string) (zh, en string) {
	a := s.Find(name)
	if a == nil {
		return "", ""
	}
	return a.Says.ZH, a.Says.EN
}

// Positional is the names of the arguments of an action that may be given by position, in order.
func (s Set) Positional(name string) []string {
	a := s.Find(name)
	if a == nil {
		return nil
	}
	var names []string
	for i := range a.Params {
		if a.Params[i].Positional {
			names = append(names, a.Params[i].Name)
		}
	}
	return names
}
