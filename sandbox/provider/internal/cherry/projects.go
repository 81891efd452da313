package cherry

import "fmt"

// Project groups servers and addresses.
type Project struct {
	ID   int        `json:"id"`
	Name string     `json:"name"`
	BGP  ProjectBGP `json:"bgp"`
	Href string     `json:"href"`
}

// ProjectBGP is a project's BGP setting and the number it got.
type ProjectBGP struct {
	Enabled  bool `json:"enabled"`
	LocalASN int  `json:"local_asn"`
}

// CreateProject makes a project in a team. BGP is sent only when it is wanted.
func (client *Client) CreateProject(team int, name string, bgp bool) (project Project, err error) {
	order := struct {
		Name string `json:"name,omitempty"`
		BGP  bool   `json:"bgp,omitempty"`
	}{name, bgp}
	_, err = client.call("POST", fmt.Sprintf("teams/%d/projects", team), order, &project)
	return project, err
}

// Project reads one project.
func (client *Client) Project(id int) (project Project, answer *Answer, err error) {
	answer, err = client.call("GET", fmt.Sprintf("projects/%d", id), nil, &project)
	return project, answer, err
}

// ChangeProject updates a project; both values are always sent.
func (client *Client) ChangeProject(id int, name string, bgp bool) (project Project, err error) {
	change := struct {
		Name string `json:"name"`
		BGP  bool   `json:"bgp"`
	}{name, bgp}
	_, err = client.call("PUT", fmt.Sprintf("projects/%d", id), change, &project)
	return project, err
}

// DeleteProject ends a project; any 2xx will do.
func (client *Client) DeleteProject(id int) error {
	_, err := client.call("DELETE", fmt.Sprintf("projects/%d", id), nil, nil)
	return err
}
