package communique

import (
	"encoding/json"
	"os"
	"testing"

	v1 "communique.example/client/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// The proof of a watch, by the cases that all languages share.
func TestChain(t *testing.T) {
	text, err := os.ReadFile(os.Getenv("COMMUNIQUE_CHAINS"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name    string
		Request json.RawMessage
		Steps   []struct {
			Response json.RawMessage
			Verdict  string
			Through  int64
		}
	}
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	verdicts := map[string]verdict{"next": next, "repeat": repeat, "broken": broken}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			var request v1.WatchRequest
			if err := protojson.Unmarshal(c.Request, &request); err != nil {
				t.Fatal(err)
			}
			chain := newWatchChain(&request)
			for i, step := range c.Steps {
				var response v1.WatchResponse
				if err := protojson.Unmarshal(step.Response, &response); err != nil {
					t.Fatal(err)
				}
				want, known := verdicts[step.Verdict]
				if got := chain.take(&response); !known || got != want {
					t.Errorf("step %d: %v, not %s; %s", i, got, step.Verdict, chain.problem)
				}
				if got := chain.throughRevision(); got != step.Through {
					t.Errorf("step %d: through %d, not %d", i, got, step.Through)
				}
			}
		})
	}
}
