module podtailor.io/bench

go 1.26
