#!/usr/bin/env bash
# Installs what tinydl is compared with, builds the benchmarks and prints the tables of
# docs/performance.md. Arguments go to bench_training: scripts/bench.sh --help lists them. Without
# any, all is measured, which takes a quarter of an hour.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

setup
have_header torch/csrc/api/include/torch/torch.h || want libtorch-dev "" "" ""
have_header dnnl.hpp || want libdnnl-dev onednn-devel onednn onednn
have_header benchmark/benchmark.h || want libbenchmark-dev google-benchmark-devel benchmark google-benchmark
# libtorch links whatever BLAS there is; with the reference one it is ten times as slow.
if [ "$(package_manager)" = apt ]; then
  for package in libopenblas0-pthread libopenblas0-openmp libopenblas-dev python3-numpy; do
    dpkg -s "$package" >/dev/null 2>&1 || want "$package"
  done
else
  want "" "openblas-devel python3-numpy" "openblas python-numpy" "openblas numpy"
fi
install_missing

folder=$root/build/bench
say "building the benchmarks in $folder"
configure "$folder" -DCMAKE_BUILD_TYPE=Release -DTINYDL_BUILD_BENCHMARKS=ON \
  -DTINYDL_BUILD_TESTS=OFF -DTINYDL_BUILD_EXAMPLES=OFF
CMAKE_BUILD_PARALLEL_LEVEL=2 build "$folder"

blas=$(ldconfig -p 2>/dev/null | awk '$1 == "libblas.so.3" && !n++ { print $NF }')
[ -z "$blas" ] || say "libblas.so.3 is $(readlink -f "$blas")"
export PATH=/usr/bin:$PATH # the Python for which NumPy was installed
if [ $# != 0 ]; then
  exec "$folder/benchmarks/bench_training" "$@"
fi
"$folder/benchmarks/bench_training" --library all
"$folder/benchmarks/bench_training" --sweep --workload A,C,E
if [ -x "$folder/benchmarks/bench_kernels" ]; then
  openmp=/usr/lib/$(uname -m)-linux-gnu/openblas-openmp
  unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE # OpenBLAS knows the processor
  LD_LIBRARY_PATH=$openmp "$folder/benchmarks/bench_kernels" --benchmark_min_time=0.05 \
    --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true
fi
