// Package infra carries those files of this folder that the program itself puts in place: what Elasticsearch and Kibana are set up with.
package infra
