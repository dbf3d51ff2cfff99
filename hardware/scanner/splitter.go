package scanner

// splitter cuts what a scanner sends into lines. It holds one line at most.
type splitter struct {
	line    []byte
	tooLong bool // the line is being thrown away, up to its end
}

// push takes bytes and gives the lines they end.
func (s *splitter) push(p []byte) []string {
	var lines []string
	for _, b := range p {
		switch {
		case b == '\r' || b == '\n':
			if line := s.end(); line != "" {
				lines = append(lines, line)
			}
		case b < ' ' || b > '~' || s.tooLong:
		case len(s.line) == MaxLine:
			s.line, s.tooLong = s.line[:0], true
		default:
			s.line = append(s.line, b)
		}
	}
	return lines
}

// end closes the line that has begun and gives it, or "" when it is empty or
// was too long.
func (s *splitter) end() string {
	line := string(s.line)
	s.line, s.tooLong = s.line[:0], false
	return line
}
