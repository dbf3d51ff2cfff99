package board

import "html/template"

// funcs are what these pages' templates may call.
var funcs = template.FuncMap{"doorWords": doorWords, "itemWords": itemWords, "formPath": formPath}
