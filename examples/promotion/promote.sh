#!/bin/sh
# Promotes the deliveries from dev to staging to prod. Stops where something is not as it should be.
#
#   ./promote.sh                      all of it, in order
#   ./promote.sh deploy dev           one environment: preview, up, and the gate
#   ./promote.sh compare dev staging  what the next deployment will change
#   ./promote.sh deploy staging dev   the same as above, and then staging has to be like dev
#
# Keys come from the environment, or from secrets in the stacks' configuration.
set -eu
cd "$(dirname "$0")"

deploy() {
  echo "== $1: preview"
  pulumi preview --stack "$1" --non-interactive
  echo "== $1: up"
  pulumi up --stack "$1" --yes --skip-preview --non-interactive
  echo "== $1: gate"
  tablestore-delivery wait --stack "$1" --healthy --max-lag 10m
  echo "== $1: do the files hold what the tables hold?"
  tablestore-delivery verify --stack "$1"
  if [ $# -gt 1 ]; then
    echo "== $1: is it like $2?"
    tablestore-delivery diff "$2" "$1"
  fi
}

compare() {
  echo "== $2: what will change, compared with $1"
  code=0
  tablestore-delivery diff "$1" "$2" || code=$?
  # 3 says that they differ. That is what a promotion is for; anything else is trouble.
  [ "$code" -eq 0 ] || [ "$code" -eq 3 ] || exit "$code"
}

if [ $# -gt 0 ]; then
  "$@"
  exit
fi

deploy dev
compare dev staging
deploy staging dev
compare staging prod
deploy prod staging
