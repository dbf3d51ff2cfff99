// What is in the image besides the product: kernel, firmware and first process.
module gokrazy/build/bellkeep-bank

go 1.26.0

require (
	github.com/bellkeep/bellkeep v0.0.0
	github.com/gokrazy/firmware v0.0.0-20260522070551-527ce0ed43cf
	github.com/gokrazy/gokrazy v0.0.0-20260418085648-c38c3134b8a7
	github.com/gokrazy/kernel.rpi v0.0.0-20251127164438-9778ec0261de
	github.com/gokrazy/rpi-eeprom v0.0.0-20260518070910-95f7328a8228
)
