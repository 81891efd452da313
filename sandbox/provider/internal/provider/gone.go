package provider

import (
	"net/http"

	"cogni.test/sandbox/provider/internal/cherry"
)

// gone tells whether the API answered that the object does not exist: by the status alone, never by the body.
//
// A nil answer (no connection, or an error that is not the API's JSON, such as a proxy's HTML 502) crashes the provider
// in the Read of all four resources; Terraform then reports that the plugin did not respond. That is what 1.5.3 does,
// so it is left so here on purpose.
func gone(answer *cherry.Answer) bool {
	return answer.Status == http.StatusNotFound
}
