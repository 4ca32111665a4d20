using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.Hosting.Http;

/// <summary>Reads a request's body as a type by MVC's binder for bodies, as the ASP.NET Core integration of the worker does.</summary>
sealed class BodyBinding : IFromBodyConversionFeature
{
    public static readonly IFromBodyConversionFeature Feature = new BodyBinding();

    public async ValueTask<object?> ConvertAsync(FunctionContext context, Type targetType)
    {
        var http = context.GetHttpContext() ?? throw new InvalidOperationException("[FromBody] needs an HTTP trigger.");
        var metadata = http.RequestServices.GetRequiredService<IModelMetadataProvider>().GetMetadataForType(targetType);
        var name = metadata.BinderModelName ?? "";
        var binder = http.RequestServices.GetRequiredService<IModelBinderFactory>().CreateBinder(new()
        {
            Metadata = metadata,
            CacheToken = metadata,
            BindingInfo = new()
            {
                BinderModelName = name,
                BindingSource = BindingSource.Body,
                BinderType = metadata.BinderType,
                PropertyFilterProvider = metadata.PropertyFilterProvider,
            },
        });
        var binding = new DefaultModelBindingContext
        {
            ModelMetadata = metadata,
            ModelName = name,
            BindingSource = BindingSource.Body,
            ModelState = new(),
            ActionContext = new ActionContext { HttpContext = http },
        };
        await binder.BindModelAsync(binding);
        if (binding.Result.IsModelSet)
            return binding.Result.Model;
        if (binding.ModelState.IsValid)
            return null;
        var errors = binding.ModelState.Values.SelectMany(v => v.Errors).Select(e => e.ErrorMessage is { Length: > 0 } text ? text : e.Exception?.Message);
        throw new InvalidOperationException(string.Join('\n', errors));
    }
}
