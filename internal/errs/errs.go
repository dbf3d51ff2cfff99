// Package errs is the one error type of the product: a code for machines, a
// sentence for the person in front of it, a next step, and the cause for
// whoever looks deeper. It imports nothing but the standard library, so every
// ground may use it.
package errs

import (
	"errors"
	"fmt"
)

// Code says what kind of failure happened. Pages map it to an HTTP status,
// commands to an exit code.
type Code string

// The codes. An error without one of them is Internal to everybody outside.
const (
	Invalid     Code = "invalid"     // the input is wrong; trying again unchanged will not help
	NotFound    Code = "not_found"   // the thing named does not exist
	Conflict    Code = "conflict"    // somebody or something else holds it, or changed it first
	Denied      Code = "denied"      // this caller may not
	Unknown     Code = "unknown"     // nobody knows who this caller is
	TooOften    Code = "too_often"   // this caller may, a little later
	NotNow      Code = "not_now"     // allowed at another time
	Unavailable Code = "unavailable" // a device, file or network is not there; it may come back
	Internal    Code = "internal"    // a broken promise inside the product
)

// Error is a failure that a person may meet.
type Error struct {
	Code    Code
	Message string // one sentence for a person, without a pupil's name
	Hint    string // what to do next, one sentence; may be empty
	Field   string // the field of a form that is at fault; may be empty
	Err     error  // the cause, for operators; may be nil
}

// New makes an Error without a cause.
func New(code Code, message, hint string) *Error {
	return &Error{Code: code, Message: message, Hint: hint}
}

// Wrap makes an Error around a cause.
func Wrap(err error, code Code, message, hint string) *Error {
	return &Error{Code: code, Message: message, Hint: hint, Err: err}
}

// At is an Invalid error about one field of what somebody filled in.
func At(field, message, hint string) *Error {
	return &Error{Code: Invalid, Message: message, Hint: hint, Field: field}
}

// All takes apart what errors.Join put together: every Error in err, in order.
func All(err error) []*Error {
	var e *Error
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var list []*Error
		for _, part := range joined.Unwrap() {
			list = append(list, All(part)...)
		}
		return list
	}
	if errors.As(err, &e) {
		return []*Error{e}
	}
	return nil
}

// Error gives message and cause on one line.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return fmt.Sprintf("%s (%v)", e.Message, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf finds the code of err: "" for nil, Internal when none was given.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Code
	}
	return Internal
}

// HintOf finds the next step of err, or "".
func HintOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}
