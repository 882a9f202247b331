package nginx_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"numbermill/e2e/nginxtest"
	"numbermill/e2e/platformtest"
)

// TestTLS: with a certificate everybody is answered over HTTPS, and plain HTTP leads there.
func TestTLS(t *testing.T) {
	t.Parallel()
	certificate, key, pool := newCertificate(t)
	n := nginxtest.Start(t, nginxtest.Options{
		API: []string{serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, r.Header.Get("X-Forwarded-Proto")+" "+r.Host)
		})},
		Certificate: certificate, Key: key,
	})
	secure := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	t.Cleanup(secure.CloseIdleConnections)
	get := func(method, url string) platformtest.Reply {
		t.Helper()
		req, err := http.NewRequestWithContext(within(t, platformtest.Patience), method, url, strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		res, err := secure.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return platformtest.Reply{Status: res.StatusCode, Header: res.Header, Body: body}
	}
	res := get(http.MethodPost, n.URL+"/v1/jobs?x=1")
	if got, want := res.Header.Get("Location"), n.TLSURL+"/v1/jobs?x=1"; res.Status != http.StatusPermanentRedirect || got != want {
		t.Errorf("plain HTTP: %d to %q, want 308 to %q", res.Status, got, want)
	}
	if res := get(http.MethodGet, n.URL+"/nginx-healthz"); res.Status != http.StatusOK {
		t.Errorf("the health of nginx over plain HTTP: %d", res.Status)
	}
	res = get(http.MethodGet, n.TLSURL+"/v1/functions")
	if want := "https " + n.TLSURL[len("https://"):]; res.Status != http.StatusOK || string(res.Body) != want {
		t.Errorf("over HTTPS: %d %q, want 200 %q", res.Status, res.Body, want)
	}
	if got := res.Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("Strict-Transport-Security is %q", got)
	}
	if line := n.Await(t, "HTTPS", of("/v1/functions", "200")); line.Text("nginx.access.tls") != "TLSv1.3" {
		t.Errorf("the log has TLS as %q", line.Text("nginx.access.tls"))
	}
	// Plain HTTP on the port of HTTPS.
	if res := get(http.MethodGet, "http://"+n.TLSURL[len("https://"):]+"/jobs"); res.Status != http.StatusPermanentRedirect || res.Header.Get("Location") != n.TLSURL+"/jobs" {
		t.Errorf("plain HTTP on the port of HTTPS: %d to %q", res.Status, res.Header.Get("Location"))
	}
	old := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if conn, err := tls.Dial("tcp", n.TLSURL[len("https://"):], old); err == nil {
		_ = conn.Close()
		t.Error("TLS 1.1 is spoken")
	}
}

// newCertificate makes a certificate for loopback, in files.
func newCertificate(t *testing.T) (certificate, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "numbermill.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(parsed)
	dir := platformtest.Folder(t)
	write := func(name, kind string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("certificate.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", keyDER), pool
}
