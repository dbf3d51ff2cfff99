package history

// Limit bounds a day's file as a test wants it.
func (s *Store) Limit(bytes int64) { s.most = bytes }
