#!/bin/sh
# Promote the deliveries from dev to staging to prod. Stop at the first problem.
#
#   ./promote.sh                      all steps, in order
#   ./promote.sh deploy dev           one environment: preview, up, gate, and comparison of rows
#   ./promote.sh compare dev staging  show what the next deployment will change
#   ./promote.sh deploy staging dev   deploy staging, then compare it with dev
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
  echo "== $1: compare the files with the tables"
  tablestore-delivery verify --stack "$1"
  if [ $# -gt 1 ]; then
    echo "== $1: compare with $2"
    tablestore-delivery diff "$2" "$1"
  fi
}

compare() {
  echo "== $2: changes that the deployment will bring, compared with $1"
  code=0
  tablestore-delivery diff "$1" "$2" || code=$?
  # 3 means that the stacks differ, as they do before a promotion. Other codes are failures.
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
