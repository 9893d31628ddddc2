#!/bin/sh
# Node.js in a network of its own that nobody else reaches: the loopback, and an address that is not of it.
set -e
exec unshare --net sh -ec '
  ip link set lo up
  ip link add own0 type veth peer name own1
  ip addr add 10.99.0.1/24 dev own0
  ip link set own0 up
  ip link set own1 up
  exec node "$@"
' sh "$@"
