wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"name":"send-email","payload":{"to":"anna@example.com"}}'
