// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// The order is that in which the library is best read.

#include <tinydl/core/error.hpp>     // what is thrown
#include <tinydl/core/shape.hpp>     // sizes and axes
#include <tinydl/core/memory.hpp>    // recycled, reference-counted storage
#include <tinydl/core/threads.hpp>   // the one pool of threads
#include <tinydl/core/random.hpp>    // Generator, manual_seed
#include <tinydl/core/tensor.hpp>    // Tensor<T, Rank>
#include <tinydl/core/create.hpp>    // zeros, randn, from_values ...
#include <tinydl/core/print.hpp>     // operator<<
#include <tinydl/core/graph.hpp>     // the engine: backpropagation on one page
#include <tinydl/core/variable.hpp>  // Variable<T, Rank>
#include <tinydl/core/function.hpp>  // the base of every operation
#include <tinydl/core/call.hpp>      // how an application of one is recorded
#include <tinydl/core/apply.hpp>     // applying one
#include <tinydl/core/grad.hpp>      // grad(y, std::tie(x, w)), derivatives of derivatives
#include <tinydl/core/gradient_check.hpp>

#include <tinydl/kernels/simd.hpp>  // one source for several instruction sets
#include <tinydl/kernels/map.hpp>
#include <tinydl/kernels/copy.hpp>
#include <tinydl/kernels/reduce.hpp>
#include <tinydl/kernels/matmul.hpp>
#include <tinydl/kernels/softmax.hpp>

#include <tinydl/functions/broadcast.hpp>
#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/math.hpp>
#include <tinydl/functions/compare.hpp>
#include <tinydl/functions/shape.hpp>
#include <tinydl/functions/slice.hpp>
#include <tinydl/functions/reduce.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/softmax.hpp>
#include <tinydl/functions/loss.hpp>
#include <tinydl/functions/accuracy.hpp>
#include <tinydl/functions/dropout.hpp>
#include <tinydl/functions/norm.hpp>

#include <tinydl/layers/init.hpp>
#include <tinydl/layers/layer.hpp>  // Layer and Parameter
#include <tinydl/layers/linear.hpp>
#include <tinydl/layers/activation.hpp>
#include <tinydl/layers/dropout.hpp>
#include <tinydl/layers/shape.hpp>
#include <tinydl/layers/norm.hpp>
#include <tinydl/layers/sequential.hpp>
#include <tinydl/layers/mlp.hpp>

#include <tinydl/optim/optimizer.hpp>
#include <tinydl/optim/sgd.hpp>
#include <tinydl/optim/adam.hpp>
#include <tinydl/optim/clip.hpp>
#include <tinydl/optim/schedule.hpp>

#include <tinydl/data/dataset.hpp>
#include <tinydl/data/data_loader.hpp>
#include <tinydl/data/file.hpp>
#include <tinydl/data/idx.hpp>
#include <tinydl/data/mnist.hpp>
#include <tinydl/data/digits.hpp>
