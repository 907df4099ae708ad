# PostgreSQL and redis-server for the tests: installed where they are missing, on ports of their own,
# with data in a temporary folder. Sourced by run.

server_data=''

# install_packages COMMAND:PACKAGE …: installs the packages whose command is missing.
install_packages() {
  local missing=() pair
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  [ ${#missing[@]} -eq 0 ] && return
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null ||
    npm exec --silent -- node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}

as_postgres() { # PostgreSQL refuses to run as root.
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_servers() {
  install_packages redis-server:redis-server
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || install_packages no-postgresql-here:postgresql
  local bin postgres_port redis_port
  bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)")
  postgres_port=$(free_port)
  redis_port=$(free_port)
  server_data=$(mktemp -d)
  chmod 711 "$server_data"
  mkdir "$server_data/postgres"
  [ "$(id -u)" = 0 ] && chown postgres "$server_data/postgres"

  printf 'local-only-1' >"$server_data/password"
  chmod 644 "$server_data/password"
  as_postgres "$bin/initdb" -D "$server_data/postgres/data" -U postgres -A scram-sha-256 \
    --pwfile="$server_data/password" -E UTF8 --locale=C >/dev/null
  as_postgres "$bin/pg_ctl" -D "$server_data/postgres/data" -l "$server_data/postgres/log" -w -s \
    -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off" start
  redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --daemonize yes \
    --dir "$server_data" --pidfile "$server_data/redis.pid" >/dev/null

  postgres_bin=$bin
  export DATABASE_URL="postgres://postgres:local-only-1@127.0.0.1:$postgres_port/postgres"
  export REDIS_URL="redis://127.0.0.1:$redis_port"
}

stop_servers() {
  [ -n "$server_data" ] || return 0
  as_postgres "$postgres_bin/pg_ctl" -D "$server_data/postgres/data" -m immediate -s stop || true
  [ -f "$server_data/redis.pid" ] && kill "$(cat "$server_data/redis.pid")" || true
  rm -rf "$server_data"
}
