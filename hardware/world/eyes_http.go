package world

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	pollLimit   = 30 * time.Second // a kiosk answers a long poll within 25 s
	maxScreen   = 4096             // bytes of one answer
	screenRetry = 50 * time.Millisecond
)

// HTTPEyes reads the screen of a kiosk from GET <url>/screen?after=N, which
// answers {"n":7,"word":"put-in","door":12} when n is above N, or after some
// 25 s with what there is.
func HTTPEyes(url string) Eyes {
	base := strings.TrimSuffix(url, "/") + "/screen?after="
	client := &http.Client{Timeout: pollLimit}
	return LookFunc(func(ctx context.Context, after uint64) (View, error) {
		for {
			v, err := getScreen(ctx, client, fmt.Sprintf("%s%d", base, after))
			if err != nil || v.N > after || after == 0 {
				return v, err
			}
			if err := rest(ctx, screenRetry); err != nil {
				return View{}, err
			}
		}
	})
}

func getScreen(ctx context.Context, client *http.Client, url string) (View, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return View{}, err
	}
	res, err := client.Do(req)
	if err != nil {
		return View{}, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return View{}, fmt.Errorf("the kiosk answers %s", res.Status)
	}
	var v View
	if err := json.NewDecoder(io.LimitReader(res.Body, maxScreen)).Decode(&v); err != nil {
		return View{}, fmt.Errorf("the kiosk's screen: %w", err)
	}
	return v, nil
}
