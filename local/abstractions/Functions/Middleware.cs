namespace Microsoft.Azure.Functions.Worker.Middleware
{
    /// <summary>A step of the pipeline around every execution.</summary>
    public delegate Task FunctionExecutionDelegate(FunctionContext context);

    /// <summary>A step of the pipeline, made from services.</summary>
    public interface IFunctionsWorkerMiddleware
    {
        /// <summary>Runs around <paramref name="next"/>.</summary>
        Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
    }
}

namespace Microsoft.Extensions.Hosting
{
    using Microsoft.Azure.Functions.Worker;
    using Microsoft.Azure.Functions.Worker.Middleware;
    using Microsoft.Extensions.DependencyInjection;

    /// <summary>Adds steps to the pipeline, in the order of the calls.</summary>
    public static class MiddlewareWorkerApplicationBuilderExtensions
    {
        /// <summary>Adds what every worker ends with: taking results apart, and the function itself.</summary>
        public static IFunctionsWorkerApplicationBuilder UseDefaultWorkerMiddleware(this IFunctionsWorkerApplicationBuilder builder) =>
            builder.UseOutputBindingsMiddleware().UseFunctionExecutionMiddleware();

        /// <summary>Adds the function itself, once.</summary>
        public static IFunctionsWorkerApplicationBuilder UseFunctionExecutionMiddleware(this IFunctionsWorkerApplicationBuilder builder) =>
            Once<FunctionItself>(builder, _ => context => InvocationBindings.Of(context).ExecuteAsync(context));

        /// <summary>Adds taking the function's result apart into outputs, once.</summary>
        public static IFunctionsWorkerApplicationBuilder UseOutputBindingsMiddleware(this IFunctionsWorkerApplicationBuilder builder) =>
            Once<TakingApart>(builder, next => async context =>
            {
                await next(context);
                InvocationBindings.Of(context).TakeApart(context);
            });

        /// <summary>Adds a step that is a singleton service.</summary>
        public static IFunctionsWorkerApplicationBuilder UseMiddleware<T>(this IFunctionsWorkerApplicationBuilder builder)
            where T : class, IFunctionsWorkerMiddleware
        {
            builder.Services.AddSingleton<T>();
            return builder.Use(next => context => context.InstanceServices.GetRequiredService<T>().Invoke(context, next));
        }

        /// <summary>Adds a step that is a singleton service, for some executions.</summary>
        public static IFunctionsWorkerApplicationBuilder UseWhen<T>(this IFunctionsWorkerApplicationBuilder builder, Func<FunctionContext, bool> predicate)
            where T : class, IFunctionsWorkerMiddleware
        {
            ArgumentNullException.ThrowIfNull(builder);
            ArgumentNullException.ThrowIfNull(predicate);
            builder.Services.AddSingleton<T>();
            return builder.Use(next => context => predicate(context) ? context.InstanceServices.GetRequiredService<T>().Invoke(context, next) : next(context));
        }

        /// <summary>Adds a step.</summary>
        public static IFunctionsWorkerApplicationBuilder UseMiddleware(
            this IFunctionsWorkerApplicationBuilder builder, Func<FunctionContext, Func<Task>, Task> middleware) =>
            builder.Use(next => context => middleware(context, () => next(context)));

        /// <summary>Adds a step for some executions.</summary>
        public static IFunctionsWorkerApplicationBuilder UseWhen(
            this IFunctionsWorkerApplicationBuilder builder, Func<FunctionContext, bool> predicate, Func<FunctionContext, Func<Task>, Task> middleware)
        {
            ArgumentNullException.ThrowIfNull(builder);
            ArgumentNullException.ThrowIfNull(predicate);
            ArgumentNullException.ThrowIfNull(middleware);
            return builder.Use(next => context => predicate(context) ? middleware(context, () => next(context)) : next(context));
        }

        static IFunctionsWorkerApplicationBuilder Once<TMark>(
            IFunctionsWorkerApplicationBuilder builder, Func<FunctionExecutionDelegate, FunctionExecutionDelegate> step)
            where TMark : class, new()
        {
            if (builder.Services.Any(service => service.ServiceType == typeof(TMark)))
                return builder;
            builder.Services.AddSingleton<TMark>();
            return builder.Use(step);
        }

        sealed class FunctionItself;

        sealed class TakingApart;
    }
}
