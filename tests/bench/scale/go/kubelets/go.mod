module podtailor.io/bench/kubelets

go 1.26
