module lucid/pion

go 1.19
