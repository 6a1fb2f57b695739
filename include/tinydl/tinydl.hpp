// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// The order is that in which the library is best read.

#include <tinydl/core/error.hpp>        // what is thrown
#include <tinydl/core/shape.hpp>        // sizes and axes
#include <tinydl/core/memory.hpp>       // recycled, reference-counted storage
#include <tinydl/core/pool_vector.hpp>  // a vector in it
#include <tinydl/core/threads.hpp>      // the one pool of threads
#include <tinydl/core/scratch.hpp>      // memory of tasks that run at the same time
#include <tinydl/core/random.hpp>       // Generator, manual_seed
#include <tinydl/core/tensor.hpp>       // Tensor<T, Rank>
#include <tinydl/core/create.hpp>       // zeros, randn, from_values ...
#include <tinydl/core/print.hpp>        // operator<<
#include <tinydl/core/dtype.hpp>        // element types by name
#include <tinydl/core/state.hpp>        // what an object remembers, for checkpoints
#include <tinydl/core/graph.hpp>        // variables and functions, and who made what
#include <tinydl/core/mode.hpp>         // NoGrad
#include <tinydl/core/walk.hpp>         // the engine: backpropagation on one page
#include <tinydl/core/hook.hpp>         // functions that see gradients
#include <tinydl/core/variable.hpp>     // Variable<T, Rank>
#include <tinydl/core/function.hpp>     // the base of every operation
#include <tinydl/core/call.hpp>         // how an application of one is recorded
#include <tinydl/core/apply.hpp>        // applying one
#include <tinydl/core/grad.hpp>         // grad(y, std::tie(x, w)), derivatives of derivatives
#include <tinydl/core/derivatives.hpp>  // hessian, jacobian
#include <tinydl/core/gradient_check.hpp>

#include <tinydl/kernels/simd.hpp>  // one source for several instruction sets
#include <tinydl/kernels/map.hpp>
#include <tinydl/kernels/copy.hpp>
#include <tinydl/kernels/reduce.hpp>
#include <tinydl/kernels/pack.hpp>
#include <tinydl/kernels/multiply.hpp>
#include <tinydl/kernels/matmul.hpp>
#include <tinydl/kernels/softmax.hpp>
#include <tinydl/kernels/norm.hpp>
#include <tinydl/kernels/index.hpp>
#include <tinydl/kernels/exp.hpp>
#include <tinydl/kernels/log.hpp>
#include <tinydl/kernels/sqrt.hpp>
#include <tinydl/kernels/sine.hpp>
#include <tinydl/kernels/normal.hpp>
#include <tinydl/kernels/activation.hpp>
#include <tinydl/kernels/philox.hpp>
#include <tinydl/kernels/dropout.hpp>
#include <tinydl/kernels/packed.hpp>
#include <tinydl/kernels/recurrent_cell.hpp>
#include <tinydl/kernels/recurrent.hpp>
#include <tinydl/kernels/conv_shape.hpp>
#include <tinydl/kernels/conv_direct.hpp>
#include <tinydl/kernels/winograd_maps.hpp>
#include <tinydl/kernels/winograd.hpp>
#include <tinydl/kernels/conv.hpp>
#include <tinydl/kernels/pool.hpp>
#include <tinydl/kernels/upsample.hpp>

#include <tinydl/functions/broadcast.hpp>
#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/math.hpp>
#include <tinydl/functions/compare.hpp>
#include <tinydl/functions/shape.hpp>
#include <tinydl/functions/slice.hpp>
#include <tinydl/functions/pad.hpp>
#include <tinydl/functions/reduce.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/softmax.hpp>
#include <tinydl/functions/loss.hpp>
#include <tinydl/functions/cross_entropy.hpp>
#include <tinydl/functions/accuracy.hpp>
#include <tinydl/functions/dropout.hpp>
#include <tinydl/functions/norm.hpp>
#include <tinydl/functions/group_norm.hpp>
#include <tinydl/functions/batch_norm.hpp>
#include <tinydl/functions/index.hpp>
#include <tinydl/functions/recurrent.hpp>
#include <tinydl/functions/lstm.hpp>
#include <tinydl/functions/gru.hpp>
#include <tinydl/functions/attention.hpp>
#include <tinydl/functions/pair.hpp>  // {height, width}
#include <tinydl/functions/conv.hpp>
#include <tinydl/functions/pool.hpp>
#include <tinydl/functions/upsample.hpp>

#include <tinydl/layers/init.hpp>
#include <tinydl/layers/layer.hpp>  // Layer and Parameter
#include <tinydl/layers/linear.hpp>
#include <tinydl/layers/conv.hpp>
#include <tinydl/layers/activation.hpp>
#include <tinydl/layers/dropout.hpp>
#include <tinydl/layers/shape.hpp>
#include <tinydl/layers/norm.hpp>
#include <tinydl/layers/batch_norm.hpp>
#include <tinydl/layers/embedding.hpp>
#include <tinydl/layers/recurrent.hpp>
#include <tinydl/layers/attention.hpp>
#include <tinydl/layers/transformer.hpp>
#include <tinydl/layers/pool.hpp>
#include <tinydl/layers/pad.hpp>
#include <tinydl/layers/upsample.hpp>
#include <tinydl/layers/sequential.hpp>
#include <tinydl/layers/mlp.hpp>

#include <tinydl/optim/optimizer.hpp>
#include <tinydl/optim/sgd.hpp>
#include <tinydl/optim/adam.hpp>
#include <tinydl/optim/rmsprop.hpp>
#include <tinydl/optim/adagrad.hpp>
#include <tinydl/optim/ema.hpp>  // averaged weights
#include <tinydl/optim/clip.hpp>
#include <tinydl/optim/schedule.hpp>
#include <tinydl/optim/reduce_on_plateau.hpp>

#include <tinydl/data/dataset.hpp>
#include <tinydl/data/data_loader.hpp>
#include <tinydl/data/file.hpp>
#include <tinydl/data/idx.hpp>
#include <tinydl/data/mnist.hpp>
#include <tinydl/data/digits.hpp>

// What a program includes itself where it needs it:
//   core/dot.hpp           a picture of the graph
//   core/eigen.hpp         Eigen's matrices and arrays; core/eigen_tensor.hpp its tensors
//   core/nan_guard.hpp     which function made the first nan
//   core/checkpoint.hpp    recompute instead of store; layers/checkpoint.hpp for a Sequential
//   layers/summary.hpp     a table of a model's layers and what they cost
//   data/gz.hpp            .gz files (zlib)
//   io/safetensors.hpp     model files (nlohmann/json)
//   io/npy.hpp             NumPy's .npy files; io/npz.hpp for .npz (zlib)
//   io/checkpoint.hpp      runs that survive (nlohmann/json)
//   io/atomic_file.hpp     a file that is written whole or not at all (POSIX)
//   onnx/model.hpp         models of .onnx files; onnx/export.hpp writes them (POSIX)
//   onnx/export_header.hpp a network as one header of plain C++17 (POSIX)
//   train/trainer.hpp      the usual training loop: validation, history, progress, Ctrl-C
//   train/callbacks.hpp    what it can do besides: stop early, keep the best weights ...
//   train/metrics.hpp      top-k accuracy, confusion matrix
//   train/*_plot.hpp       pictures of training, gradients, images, confusions, filters (gnuplot)
//   train/report.hpp       one page that has it all
