part="sourced as $0"; return 4
