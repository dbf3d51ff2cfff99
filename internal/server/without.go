package server

// Without is the server to somebody who must not know of what is about them: every
// book, board and list is as if that were not there. What is asked of it is done by
// the same server.
func (s *Server) Without(person string) *Server {
	v := *s
	v.Records = s.Records.Without(person)
	v.Banks = s.Banks.Without(s.Concerns.Hidden(person).Item)
	return &v
}
