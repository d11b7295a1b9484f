wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"name":"weir","n":123,"list":[1,2,3,4,5]}'
