// Package oneroster reads a school's people from a OneRoster 1.1 CSV export:
// a folder or a ZIP file of
//
//	manifest.csv     propertyName,value: versions, and which files are whole
//	orgs.csv         the school, and what it belongs to
//	users.csv        pupils and staff; relatives are passed over
//	classes.csv      classType homeroom is a form, scheduled a teaching group
//	enrollments.csv  who is in which class
//
// Courses and sessions are not needed and not opened. Every file named is
// needed whole ("bulk"): a delta does not say who has left. Files lie side by
// side, UTF-8, a byte order mark is tolerated; headings are those of the
// standard, in its order, extensions (metadata.*) last.
//
// users.csv has a column password. It is not among the columns picked, so its
// text ends with the line it stood on.
//
// Source: 1EdTech, OneRoster 1.1 CSV tables, https://www.imsglobal.org/oneroster-v11-final-csv-tables
package oneroster
